"""A smaller PDF that says the same: Typst writes the tags of an accessible one out in full."""

import io


def packed(made: bytes) -> bytes:
    """Return a PDF with its small objects together in compressed streams."""
    # Imported here: where nothing is made, it would take a third of the build's time.
    import pikepdf

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as pdf:
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )
    return out.getvalue()
