from support.raw_inputs import shop

__all__ = ["shop"]
