"""onOffice: the letting agent's contact chain, from the object to the mailbox."""
