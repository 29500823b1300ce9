"""The index follows the journal: what was touched is described anew."""

from anjuan.facilities.search import actions
from anjuan.foundation.journal import actions as journal

FOLLOWER = journal.Follower("search", actions.follow)
