"""The ERP: two sources of the canonical model behind one interface."""
