"""sizao (四早): an outbreak-response platform, from the first hint to a contained outbreak."""
