"""V03: required material."""

from tests.detection.builders import FAIL, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("the card is not there", volume(item(1, missing=("身份证复印件",))), (FAIL,)),
    Sample("in two items", volume(item(1, missing=("授权书",)), item(2, missing=("工资表", "花名册"))), (FAIL, FAIL)),
    Sample(
        "paper first has no images yet", volume(item(1, missing=("身份证复印件",), is_imaged=False, files=())), (), True
    ),
)
