# ruff: noqa: I001 (the names stand in the order in which one meets them)

# The policy that answers: load it, and the embedded model with its proof.
from .load import Policy as Policy
from .load import load_policy as load_policy
from .load import model_identity as model_identity
from .load import enough_memory as enough_memory
from .load import Outline as Outline
from .load import outline as outline
from .merge import merge_adapter as merge_adapter
from .embedded import fetch_embedded as fetch_embedded
from .embedded import embedded_folder as embedded_folder
from .embedded import verify_embedded as verify_embedded

# Its responses.
from .sampling import Rollout as Rollout
from .sampling import Chat as Chat
from .sampling import sample as sample
from .sampling import chat_tokens as chat_tokens
from .sampling import end_token_ids as end_token_ids
from .sampling import sample_tokens as sample_tokens

# How probable it finds them.
from .log_probs import response_log_probs as response_log_probs
from .log_probs import token_log_probs as token_log_probs

# The same in less time or memory, and what it costs.
from .speedups import SpeedUps as SpeedUps
from .nf4 import BLOCK as BLOCK
from .nf4 import Nf4Weight as Nf4Weight
from .nf4 import as_nf4 as as_nf4
from .dimensions import KNOWN_MODELS as KNOWN_MODELS
from .dimensions import Dimensions as Dimensions
from .dimensions import model_dimensions as model_dimensions
from .lengths import PromptLengths as PromptLengths
from .lengths import prompt_lengths as prompt_lengths

__all__ = [
    "BLOCK",
    "KNOWN_MODELS",
    "Chat",
    "Dimensions",
    "Nf4Weight",
    "Outline",
    "Policy",
    "PromptLengths",
    "Rollout",
    "SpeedUps",
    "as_nf4",
    "chat_tokens",
    "embedded_folder",
    "end_token_ids",
    "enough_memory",
    "fetch_embedded",
    "load_policy",
    "merge_adapter",
    "model_dimensions",
    "model_identity",
    "outline",
    "prompt_lengths",
    "response_log_probs",
    "sample",
    "sample_tokens",
    "token_log_probs",
    "verify_embedded",
]
