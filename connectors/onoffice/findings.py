"""The keys and rules of onOffice's checks: the chain names them too, for their fixes mend its links."""

from __future__ import annotations

from connectors.findings import Topic

READ_RIGHTS = Topic("onoffice.read_rights", ("O1",))
WRITE_RIGHTS = Topic("onoffice.write_rights", ("O2", "O8"))
SYSTEM_USERS = Topic("onoffice.system_users", ("O1",))
USERS_WITHOUT_ADDRESS = Topic("onoffice.users_without_address", ("O1",))
UNTYPED_ADDRESSES = Topic("onoffice.untyped_addresses", ("O1",))
ENDED_USERS = Topic("onoffice.ended_users", ("O1",))
TECHNICAL_USERS = Topic("onoffice.technical_users", ("O1",))
SHARED_ADDRESSES = Topic("onoffice.shared_addresses", ("O1",))
BROKER_KEY = Topic("onoffice.broker_key", ("O3",))
BROKER_FLAG = Topic("onoffice.broker_flag", ("O2",))
EMAIL = Topic("onoffice.email", ("O4",))
MAILBOXES = Topic("onoffice.mailboxes", ("O4", "O7"))
CONTACTS = Topic("onoffice.contacts", ("O8",))
NO_CONTACT = Topic("onoffice.no_contact", ("O8",))
NO_BROKER = Topic("onoffice.contact_no_broker", ("O8", "O2"))
SEVERAL_CONTACTS = Topic("onoffice.several_contacts", ("O8",))
CONTACT_EMAIL = Topic("onoffice.contact_email", ("O8", "O4"))
ENDED_CONTACT = Topic("onoffice.ended_contact", ("O8", "O1"))
OUTSIDE_CONTACT = Topic("onoffice.outside_contact", ("O8", "O1"))
BOOKING = Topic("onoffice.booking", ("O5",))
QUOTA = Topic("onoffice.quota", ("O6",))
MAILBOX_KIND = Topic("onoffice.mailbox_kind", ("O7",))
TRANSMISSION = Topic("onoffice.transmission", ("O9",))
