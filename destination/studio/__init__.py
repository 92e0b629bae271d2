"""The studio: a local page to see and change mappings. Needs the extra `server`."""

try:
    from destination.studio.app import create_studio
    from destination.studio.session import Draft, Forwarder, Studio, StudioProblem
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
    if missing not in ("starlette", "uvicorn"):
        raise
    raise ModuleNotFoundError(
        f"destination.studio needs {missing}: pip install 'destination-actions[server]'", name=missing
    ) from None

__all__ = ["Draft", "Forwarder", "Studio", "StudioProblem", "create_studio"]
