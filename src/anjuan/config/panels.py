"""What each room hangs on the shared pages. The only place that knows all rooms, besides the addresses."""

import importlib
import importlib.util

from django.conf import settings

from anjuan.foundation.web import panels as board
from anjuan.records import queries as records


def hang() -> None:
    """Register what every room hangs out, in the order of the rooms; called once at start."""
    for app in reversed([app for app in settings.INSTALLED_APPS if app.startswith("anjuan.")]):
        if importlib.util.find_spec(f"{app}.panels") is None or app == "anjuan.foundation.web":
            continue
        room = importlib.import_module(f"{app}.panels")
        for entry in getattr(room, "RAIL", ()):
            board.register_rail(entry)
        for queue in getattr(room, "QUEUES", ()):
            board.register_queue(queue)
        for panel in getattr(room, "PANELS", ()):
            board.register_panel(panel)
        for way in getattr(room, "WAYS", ()):
            board.register_way(way)
        for number in getattr(room, "NUMBERS", ()):
            board.register_number(number)
        for source in getattr(room, "ALARMS", ()):
            board.register_alarm(source)
    board.register_flow(records.flow, "search:listing")
