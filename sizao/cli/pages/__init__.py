"""The pages of the manual that are made from the code and its data, never edited by hand."""
