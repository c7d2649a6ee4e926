"""The model, in the order of the ODD protocol; nothing here knows how it is run or asked."""
