"""Takes in live events, keeps them until every destination has settled them, and delivers them."""
