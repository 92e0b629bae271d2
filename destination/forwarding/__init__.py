"""Takes live events over HTTP, and sends each of them through destinations until every one has settled it."""
