//! Codes of states and organisations. (Being written.)
