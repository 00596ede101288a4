"""The assistant half: reads and proposes through CrmPort only; owns the chat_* tables."""
