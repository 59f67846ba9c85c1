"""From signals to people: what is decided, what may leave, and how it is sent once.

``routing`` decides, ``message`` words, ``disclosure`` and ``lint`` guard what leaves, ``outbox``
and ``channels`` send, ``charts`` and ``page`` draw. ``jobs`` joins them with the store.
"""
