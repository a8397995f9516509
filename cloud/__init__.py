"""The self-hosted repository the studio syncs with."""
