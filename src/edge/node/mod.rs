//! Reading and rebooting a node: the scripts, the pods that carry them, the bytes that come back.
