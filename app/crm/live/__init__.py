"""Live pages: what has been changed, told to every open page whose reader may see it, within a moment."""

from app.crm.live.hub import Hub
from app.crm.live.socket import PATH, endpoint

__all__ = ["PATH", "Hub", "endpoint"]
