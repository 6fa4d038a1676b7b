//! Reads and writes of cluster objects: slim types, pages, watches, cordon, evict.
