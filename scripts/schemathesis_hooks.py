"""What schemathesis must know of this service: how to sign in, and what a schema cannot say."""

import atexit
import http.client
import itertools
import json
import os
import urllib.parse

import schemathesis
from schemathesis.generation.meta import TestPhase

ADDRESS = urllib.parse.urlsplit(os.environ["CRM_TEST_URL"])
PASSWORD = "demo-password-1"
NOBODY = "00000000-0000-0000-0000-000000000000"

# Rules that depend on other records, on the tenant or on two fields at once. Whatever else is wrong with an input that
# the document admits is wrong with the document.
RULES = {
    "bad_cursor",
    "before_start",
    "conflicting",
    "duplicate_key",
    "in_the_past",
    "inactive_user",
    "invalid_last_event_id",
    "out_of_range",
    "period_too_long",
    "required",
    "stage_in_use",
    "too_many",
    "unknown_reference",
    "unknown_stage",
    "unknown_time_zone",
    "wrong_password",
}


def sign_in(email):
    """A new session. It comes from an address of its own, whose tries the wrong guesses of the test do not use up."""
    connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port, source_address=("127.0.0.2", 0))
    body = json.dumps({"email": email, "password": PASSWORD, "tenant": "acme"})
    connection.request("POST", "/api/auth/login", body, {"content-type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status != 200:
        raise RuntimeError(f"cannot sign in as {email}: {answer}")
    return answer


SESSION = sign_in("owner@acme.test")


@schemathesis.auth(refresh_interval=None)
class Bearer:
    def get(self, case, ctx):
        return SESSION["token"]

    def set(self, case, data, ctx):
        # Signing out, everywhere too, must not end the session of everything else.
        if case.path == "/api/auth/logout":
            data = sign_in("viewer@acme.test")["token"]
        case.headers["Authorization"] = f"Bearer {data}"


def known(kind):
    """The ids of records that are there from the start. Those of users do not include the caller's own."""
    connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port)
    headers = {"authorization": f"Bearer {SESSION['token']}"}
    connection.request("GET", f"/api/{kind}?limit=20", headers=headers)
    ids = [record["id"] for record in json.loads(connection.getresponse().read())["data"]]
    return [id for id in ids if id != SESSION["user"]["id"]]


KINDS = ("users", "customers", "contacts", "interactions", "leads", "projects", "tasks", "api-keys")


def make_key():
    """An API key, of which a new tenant has none."""
    connection = http.client.HTTPConnection(ADDRESS.hostname, ADDRESS.port)
    headers = {"authorization": f"Bearer {SESSION['token']}", "content-type": "application/json"}
    connection.request("POST", "/api/api-keys", json.dumps({"name": "known"}), headers)
    connection.getresponse().read()


make_key()
KNOWN = {kind: known(kind) for kind in KINDS}


LINKS = {
    "owner_id": "users",
    "assignee_id": "users",
    "customer_id": "customers",
    "lead_id": "leads",
    "project_id": "projects",
}


TURNS = itertools.count()


def lead(body, turn):
    """Leads the references of an input to records that are there, and a lead to a stage that is."""
    for name, kind in LINKS.items():
        if isinstance(body.get(name), str):
            body[name] = KNOWN[kind][turn % len(KNOWN[kind])]
    if isinstance(body.get("stage"), str):
        body["stage"] = "qualified"


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leads what is asked of some record to one that is there, unless it follows from an answer before."""
    if case.path == "/api/auth/password" and isinstance(case.body, dict) and "current_password" in case.body:
        # The right one, which the document has as an example, would end the session of everything else.
        case.body["current_password"] = "wrong"
    if case.meta is None:
        return
    # Where a query follows from a field of an answer that has no value, it asks for nothing; the word `None` is no id.
    for name in [name for name, value in (case.query or {}).items() if value is None]:
        del case.query[name]
    turn = next(TURNS)
    is_random = case.meta.generation.mode.is_positive and case.meta.phase.name != TestPhase.STATEFUL
    if is_random and turn % 2 == 0:
        # A place or a version that is made up is never right, and nothing else would be looked at.
        case.headers.pop("If-Match", None)
        case.query.pop("cursor", None)
    if is_random and turn % 3 > 0 and isinstance(case.body, dict):
        lead(case.body, turn)
    if "{id}" not in case.path:
        return
    own = case.path_parameters.get("id") == SESSION["user"]["id"]
    if own and case.method.upper() == "PATCH":
        # The caller must not take their own rights away.
        case.path_parameters["id"] = NOBODY
    elif is_random:
        ids = KNOWN[case.path.split("/")[2]]
        case.path_parameters["id"] = ids[turn % len(ids)]


ASKED = set()


@schemathesis.hook
def after_call(context, case, response):
    ASKED.add((f"{case.method.upper()} {case.path}", response.status_code))


@atexit.register
def write_asked():
    with open(os.environ["CRM_SCHEMATHESIS_ASKED"], "w") as file:
        file.writelines(f"{status} {operation}\n" for operation, status in sorted(ASKED))


def is_long(email):
    """Whether a part of an address has more bytes than it may; a schema can count characters alone."""
    local, _, domain = email.rpartition("@")
    return len(local.encode()) > 64 or any(len(label.encode()) > 63 for label in domain.split("."))


def beyond_schemas(case):
    """What is wrong with a case that no schema can say of any."""
    codes = set()
    if len(case.query or {}) > 64:
        codes.add("malformed_query")
    # A lead has its number under the name by which others have its id, and the one is tried for the other.
    given = {**(case.query or {}), **(case.body if isinstance(case.body, dict) else {})}
    if any("LED-" in str(value) for name, value in given.items() if name.startswith("lead_id")):
        codes |= {"invalid_value", "wrong_type"}
    email = case.body.get("email") if isinstance(case.body, dict) else None
    if isinstance(email, str) and is_long(email):
        codes.add("invalid_email")
    return codes


@schemathesis.check
def positive_data_is_of_the_right_shape(ctx, response, case):
    """What the document admits is taken, or breaks a rule that no schema can say."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 413, 415, 422):
        return
    problem = response.json()
    codes = {fault["code"] for fault in problem.get("errors", [])} or {problem["code"]}
    wrong = codes - RULES - beyond_schemas(case)
    if wrong:
        why = problem.get("errors", problem["detail"])
        raise AssertionError(f"the document admits what is refused as {sorted(wrong)}: {why}")
