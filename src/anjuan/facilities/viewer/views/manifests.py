from django.http import HttpRequest, HttpResponseBase

from anjuan.facilities.viewer import panels
from anjuan.facilities.viewer.views.crossing import crossing
from anjuan.facilities.viewer.views.images import told
from anjuan.foundation.accounts import occasions

_JSON_LD = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'


@crossing
def manifest(request: HttpRequest, urn: str) -> HttpResponseBase:
    body = panels.manifest(occasions.actor_of(request), urn, panels.iiif_base(request))
    return told(request, body, _JSON_LD)


@crossing
def collection(request: HttpRequest, urn: str) -> HttpResponseBase:
    body = panels.collection(occasions.actor_of(request), urn, panels.iiif_base(request))
    return told(request, body, _JSON_LD)
