"""The tests; helpers that files share lie beside them and are imported as `tests.FOLDER.NAME`."""
