"""What is read on a page (识读): words, seals, ink, page marks; and what they mean on a form that is known.

Pure: nothing is decoded, read from a table or guessed by a model here. The room ``facilities/reading`` reads pages;
this package says what may be concluded from what was read, so that anybody can repeat it.

Standard: S3-W14, S3-C3, S3-C5, S3-C8, S3-C9.
"""
