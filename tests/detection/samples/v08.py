"""V08: what must not be mixed."""

from anjuan.core.terms import Classification
from tests.detection.builders import FAIL, YEARS_10, Sample, dossier, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("another year", volume(item(1), item(2, year=2023)), (FAIL,)),
    Sample("another category", volume(item(1), item(2, category_code="04")), (FAIL,)),
    Sample("another line", volume(item(1), item(2, insurance_line="MEDICAL")), (FAIL,)),
    Sample("a longer term than the volume's", volume(item(1), term=YEARS_10), (FAIL,)),
    Sample("another agency", volume(item(1), item(2, agency_code="BH")), (FAIL,)),
    Sample(
        "lines mix where the fonds does not class by them",
        volume(item(1), item(2, insurance_line="MEDICAL"), classification=Classification.YEAR_STEP),
        (),
        True,
    ),
    Sample("a dossier takes years and categories", dossier(item(1), item(2, year=1998, category_code="01")), (), True),
)
