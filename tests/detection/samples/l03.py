"""L03: names of files."""

from tests.detection.builders import FAIL, Sample, file, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample(
        "one name twice",
        volume(item(1, files=(file(1, logical_name="a/1.jpg"), file(2, logical_name="a/1.jpg")))),
        (FAIL,),
    ),
    Sample(
        "capitals alone differ",
        volume(item(1, files=(file(1, logical_name="a/1.jpg"), file(2, logical_name="A/1.JPG")))),
        (FAIL,),
    ),
    Sample("a way out of the folder", volume(item(1, files=(file(1, logical_name="../1.jpg"),))), (FAIL,)),
    Sample(
        "what a person called it does not matter",
        volume(item(1, files=(file(1, original_name="扫描?<1>.jpg"),))),
        (),
        True,
    ),
    Sample(
        "two items with the same name within",
        volume(item(1, files=(file(1, logical_name="c/1.jpg"),)), item(2, files=(file(2, logical_name="c/1.jpg"),))),
        (),
        True,
    ),
)
