"""RSS, Atom and JSON Feed, read as they are found: documents become entries, however broken."""
