"""The door of the central catalogue (馆藏总目录)."""

from django.utils.translation import gettext_lazy

from anjuan.desks.holdings import queries
from anjuan.foundation.web.panels import RailEntry

RAIL = (RailEntry(gettext_lazy("Holdings"), "holdings:overview", "archive", frozenset(queries.READERS), order=61),)
