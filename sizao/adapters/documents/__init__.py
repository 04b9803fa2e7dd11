"""Documents of an office: one content, laid out as a PDF or as a Word file that is edited before it is sealed."""

from sizao.adapters.documents.content import Block, Document, Facts, Heading, Picture, Table, Text
from sizao.adapters.documents.in_word import docx
from sizao.adapters.documents.on_paper import pdf

__all__ = ["Block", "Document", "Facts", "Heading", "Picture", "Table", "Text", "docx", "pdf"]
