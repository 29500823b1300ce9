"""A reader that does what its question says: answers, dies, sleeps or babbles. For the tests of residents."""

import json
import sys
import time

for question in sys.stdin:
    asked = json.loads(question)
    match asked["do"]:
        case "die":
            sys.exit(3)
        case "sleep":
            time.sleep(60)
        case "leave":
            print(json.dumps({"said": "bye", "leaves": True}), flush=True)
            time.sleep(0.5)  # on its way out, and deaf
            sys.exit()
        case "babble":
            print("no answer at all", flush=True)
        case said:
            print(json.dumps({"said": said}), flush=True)
