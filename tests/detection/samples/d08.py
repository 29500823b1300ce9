"""D08: odd characters."""

from dataclasses import replace

from tests.detection.builders import FAIL, PERSON, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a zero-width blank", volume(item(1, title="退休\u200b审批")), (FAIL,)),
    Sample("full-width digits", volume(item(1, title="２０２４年退休审批")), (FAIL,)),
    Sample("a blank at the end", volume(item(1, title="退休审批 ")), (FAIL,)),
    Sample("a blank in a name", volume(item(1, subjects=(replace(PERSON, name="张 建国"),))), (FAIL,)),
    Sample("in the volume's title", volume(title="河西分中心2024年　退休审批"), (FAIL,)),
    Sample("a blank between Latin words", volume(item(1, subjects=(replace(PERSON, name="MARIA LOPEZ"),))), (), True),
    Sample("book-title marks and brackets", volume(item(1, title="《申请表》（张建国）")), (), True),
    Sample("a dot in a name", volume(item(1, subjects=(replace(PERSON, name="买买提·吐尔逊"),))), (), True),
)
