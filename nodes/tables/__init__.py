"""Tables of measurements: from numbers of features and fields to what is stated of a specimen, if it may be stated."""
