"""Trials at work: what another choice would mean, counted from one reading of the ERP."""
