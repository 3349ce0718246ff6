"""placeholder"""


class CallLog: ...


class Network: ...
