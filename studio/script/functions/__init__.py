"""The functions of the script language, by family."""
