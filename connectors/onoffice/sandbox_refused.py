"""Refusals of the onOffice sandbox: a code of the reference with the server's short message."""

from __future__ import annotations

_MESSAGES = {
    4: "Invalid or malformed JSON",
    7: "Malformed UTF-8 characters, possibly incorrectly encoded",
    9: "Empty request",
    13: "Missing or invalid element: token",
    14: "Missing or invalid element: request",
    15: "Missing or invalid element: actions",
    16: "Missing or invalid attribute: actionid",
    17: "Empty attribute: actionid",
    18: "Missing or invalid attribute: resourceid",
    19: "Missing or invalid attribute: resourcetype",
    20: "Missing or invalid element: parameters",
    22: "Not authenticated",
    23: 'Missing configuration for actionId "{0}"',
    24: 'Missing configuration for resourceId "{0}"',
    25: 'Missing configuration for resourceType "{0}"',
    76: "Invalid multiselect key: {0}",
    77: "Invalid singleselect key: {0}",
    80: "Unknown record. The record may not exist or you have no permission",
    83: "Unknown address phone record",
    85: "Missing address phone value",
    86: "Missing address phone record identifier",
    87: "Ambiguous address phone record identifier",
    98: "Missing relation to address and/or estate record",
    100: 'Unknown kind of action "{0}"',
    101: 'Unknown type of action "{0}"',
    132: "No or unknown relation given",
    136: "The timestamp is too old or the server time is wrong",
    137: "The HMAC is invalid",
    141: "Unknown field: {0}",
    142: "Unknown operator: {0}",
    144: 'Invalid field in input data: "{0}"',
    156: "Access violation",
    158: "Access from this IP is not allowed",
    163: "Invalid name for module",
    167: 'Missing parameter "{0}"',
    168: "Entry could not be deleted",
    170: "No read permission for this user",
    173: "Could not create relation between address and estate",
    174: "Missing permission to perform modify call",
    187: "The parameter was not expected to be an array",
    219: "n:n relations are not allowed",
    232: "For multiselect fields only the operators =, !=, like, not like, in, not in are allowed",
    235: "Unknown record id {0}",
    240: "This call is not allowed for marketplace API users",
    243: 'The HMAC is invalid. "{0}" should be passed as string',
    252: 'Unknown value in select field "{0}"',
    255: 'Invalid value for parameter "{0}"',
    256: "Parameter listlimit is mandatory and must be >= 0",
    257: "An error occurred while validating the filter: {0}",
    261: "Missing write right for address(es) with id(s) {0}",
    262: "Missing write right for estate(s) with id(s) {0}",
    263: "The address must be a real estate agent",
}


class Refused(Exception):
    """An action, or with a root status the whole request, that is not carried out."""

    def __init__(self, code: int, *values: object, root: int = 0) -> None:
        super().__init__(code, *values)
        self.code = code
        self.root = root
        self.message = _MESSAGES[code].format(*values)
