"""Events after commit: durable subscribers to the journal, and webhooks, which are the first of them.

`follower.Hooks` runs both in threads of its own, in the process that serves the CRM half.
"""
