"""Tickets between the ERP and a partner: what belongs where, one pass after the other."""
