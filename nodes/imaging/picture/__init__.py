"""Drawing over a micrograph: outlines, class colours, test lines, pools."""
