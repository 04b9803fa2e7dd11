"""One base class for every expected refusal."""


class SizaoError(Exception):
    """
    An expected refusal.

    `code` is for machines, the message for people, `facts` for both. A subclass stands beside
    the function that raises it and sets `code` and `message`; the message says what is so and
    what to do next, with the facts in braces.
    """

    code = "error"
    message = "{reason}"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.told(self.message, "en"))

    def told(self, sentence: str, language: str, **instead: str) -> str:
        """
        Fill the gaps of this refusal's sentence, translated or not; a term is said in the reader's language.

        `instead` are words for people where a fact is meant for machines.
        """
        said = {name: fact.label(language) if hasattr(fact, "label") else fact for name, fact in self.facts.items()}
        return sentence.format(**said | instead)
