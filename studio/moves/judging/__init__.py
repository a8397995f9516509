"""What an org would refuse, found before it is asked, and what mends it."""
