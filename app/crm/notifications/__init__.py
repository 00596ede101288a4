"""Notifications: what is for whom, told once, narrowed by what its reader may see, and never about one's own doings."""
