"""Fails unless every operation of the document at an address was asked, as a list of statuses and operations says."""

import json
import sys
import urllib.request

url, path = sys.argv[1:]
with urllib.request.urlopen(f"{url}/openapi.json") as response:
    document = json.load(response)
described = {
    f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
}
with open(path) as file:
    answers = [line.rstrip("\n").split(" ", 1) for line in file]
asked = {operation for _, operation in answers} & described
succeeded = {operation for status, operation in answers if status.startswith("2")} & described
print(f"operations asked: {len(asked)}/{len(described)}, with a success: {len(succeeded)}/{len(described)}")
for operation in sorted(described - succeeded):
    print(f"no success: {operation}")
for operation in sorted(described - asked):
    print(f"not asked: {operation}")
sys.exit(asked != described)
