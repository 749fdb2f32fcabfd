"""Files of other annotation programs, read as marks and class maps, and written."""
