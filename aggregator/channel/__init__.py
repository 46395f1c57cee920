"""The only road to a screen: records are published here, read here and spread from here."""
