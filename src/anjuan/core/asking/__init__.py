"""What is asked of the archive (检索式): folding, the grammar, numbers and pinyin. Pure."""
