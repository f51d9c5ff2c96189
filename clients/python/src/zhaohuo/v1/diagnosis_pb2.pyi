from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from zhaohuo.v1 import answer_meta_pb2 as _answer_meta_pb2
from zhaohuo.v1 import error_reason_pb2 as _error_reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor
DIAGNOSIS_CHECK_APP_KEY: DiagnosisCheck
DIAGNOSIS_CHECK_CLOCK: DiagnosisCheck
DIAGNOSIS_CHECK_LIMITS: DiagnosisCheck
DIAGNOSIS_CHECK_NETWORK: DiagnosisCheck
DIAGNOSIS_CHECK_PERMISSION: DiagnosisCheck
DIAGNOSIS_CHECK_PUSHES: DiagnosisCheck
DIAGNOSIS_CHECK_SIGNATURE: DiagnosisCheck
DIAGNOSIS_CHECK_TOKEN: DiagnosisCheck
DIAGNOSIS_CHECK_UNSPECIFIED: DiagnosisCheck
DIAGNOSIS_CODE_ADDRESS_NOT_PERMITTED: DiagnosisCode
DIAGNOSIS_CODE_APP_KEY_KNOWN: DiagnosisCode
DIAGNOSIS_CODE_APP_KEY_UNKNOWN: DiagnosisCode
DIAGNOSIS_CODE_CLOCK_OFF: DiagnosisCode
DIAGNOSIS_CODE_CLOCK_REFUSED: DiagnosisCode
DIAGNOSIS_CODE_CLOCK_RIGHT: DiagnosisCode
DIAGNOSIS_CODE_CLOCK_SUSPECTED: DiagnosisCode
DIAGNOSIS_CODE_CONNECTION_BROKEN: DiagnosisCode
DIAGNOSIS_CODE_CONNECTION_REFUSED: DiagnosisCode
DIAGNOSIS_CODE_HIDDEN_BY_FAILURE: DiagnosisCode
DIAGNOSIS_CODE_HIDDEN_BY_LIMIT: DiagnosisCode
DIAGNOSIS_CODE_INCONCLUSIVE: DiagnosisCode
DIAGNOSIS_CODE_LIMITS_STORE_LOST: DiagnosisCode
DIAGNOSIS_CODE_NAME_NOT_RESOLVED: DiagnosisCode
DIAGNOSIS_CODE_NOT_PERMITTED: DiagnosisCode
DIAGNOSIS_CODE_NOT_THE_UPSTREAM: DiagnosisCode
DIAGNOSIS_CODE_NO_SUCH_API: DiagnosisCode
DIAGNOSIS_CODE_OWN_DAY_USED_UP: DiagnosisCode
DIAGNOSIS_CODE_PERMITTED: DiagnosisCode
DIAGNOSIS_CODE_PERMITTED_PRESUMABLY: DiagnosisCode
DIAGNOSIS_CODE_PROXY_FAILED: DiagnosisCode
DIAGNOSIS_CODE_PUSHES_ARRIVE: DiagnosisCode
DIAGNOSIS_CODE_PUSHES_AWAITED: DiagnosisCode
DIAGNOSIS_CODE_PUSHES_NOT_CAUGHT_UP: DiagnosisCode
DIAGNOSIS_CODE_PUSHES_REFUSED: DiagnosisCode
DIAGNOSIS_CODE_QUEUE_TOO_LONG: DiagnosisCode
DIAGNOSIS_CODE_REACHED: DiagnosisCode
DIAGNOSIS_CODE_REFUSED_UNDOCUMENTED: DiagnosisCode
DIAGNOSIS_CODE_SIGNATURE_RIGHT: DiagnosisCode
DIAGNOSIS_CODE_SIGNATURE_WRONG: DiagnosisCode
DIAGNOSIS_CODE_SKIPPED: DiagnosisCode
DIAGNOSIS_CODE_THROTTLED: DiagnosisCode
DIAGNOSIS_CODE_TIMED_OUT: DiagnosisCode
DIAGNOSIS_CODE_TLS_FAILED: DiagnosisCode
DIAGNOSIS_CODE_TOKENS_EVICTABLE: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_ACCEPTED: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_EVICTION_UNKNOWN: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_MISSING: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_NOT_NEEDED: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_REFUSED: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_RENEWED: DiagnosisCode
DIAGNOSIS_CODE_TOKEN_UNAVAILABLE: DiagnosisCode
DIAGNOSIS_CODE_UNSPECIFIED: DiagnosisCode
DIAGNOSIS_CODE_UNSTEADY: DiagnosisCode
DIAGNOSIS_CODE_UPSTREAM_DOWN: DiagnosisCode
DIAGNOSIS_CODE_USED_UP: DiagnosisCode
DIAGNOSIS_CODE_WITHIN_LIMITS: DiagnosisCode
DIAGNOSIS_VERDICT_FAILED: DiagnosisVerdict
DIAGNOSIS_VERDICT_OK: DiagnosisVerdict
DIAGNOSIS_VERDICT_SKIPPED: DiagnosisVerdict
DIAGNOSIS_VERDICT_UNKNOWN: DiagnosisVerdict
DIAGNOSIS_VERDICT_UNSPECIFIED: DiagnosisVerdict
DIAGNOSIS_VERDICT_WARNING: DiagnosisVerdict

class BilingualText(_message.Message):
    __slots__ = ["en", "zh"]
    EN_FIELD_NUMBER: _ClassVar[int]
    ZH_FIELD_NUMBER: _ClassVar[int]
    en: str
    zh: str
    def __init__(self, en: _Optional[str] = ..., zh: _Optional[str] = ...) -> None: ...

class DiagnoseRequest(_message.Message):
    __slots__ = ["compare_translation"]
    COMPARE_TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    compare_translation: bool
    def __init__(self, compare_translation: bool = ...) -> None: ...

class DiagnoseResponse(_message.Message):
    __slots__ = ["findings", "meta", "translation"]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    META_FIELD_NUMBER: _ClassVar[int]
    TRANSLATION_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[DiagnosisFinding]
    meta: _answer_meta_pb2.AnswerMeta
    translation: TranslationComparison
    def __init__(self, findings: _Optional[_Iterable[_Union[DiagnosisFinding, _Mapping]]] = ..., meta: _Optional[_Union[_answer_meta_pb2.AnswerMeta, _Mapping]] = ..., translation: _Optional[_Union[TranslationComparison, _Mapping]] = ...) -> None: ...

class DiagnosisFinding(_message.Message):
    __slots__ = ["account", "check", "clock_offset", "diagnosis", "last_push_time", "meaning", "reason", "remedy", "round_trip", "subject", "upstream_code", "upstream_daily", "upstream_message", "upstream_qps", "upstream_sub_code", "verdict"]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_FIELD_NUMBER: _ClassVar[int]
    LAST_PUSH_TIME_FIELD_NUMBER: _ClassVar[int]
    MEANING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    ROUND_TRIP_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CODE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_DAILY_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_QPS_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_SUB_CODE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    account: str
    check: DiagnosisCheck
    clock_offset: _duration_pb2.Duration
    diagnosis: DiagnosisCode
    last_push_time: _timestamp_pb2.Timestamp
    meaning: BilingualText
    reason: _error_reason_pb2.ErrorReason
    remedy: BilingualText
    round_trip: _duration_pb2.Duration
    subject: str
    upstream_code: str
    upstream_daily: int
    upstream_message: str
    upstream_qps: float
    upstream_sub_code: str
    verdict: DiagnosisVerdict
    def __init__(self, check: _Optional[_Union[DiagnosisCheck, str]] = ..., verdict: _Optional[_Union[DiagnosisVerdict, str]] = ..., diagnosis: _Optional[_Union[DiagnosisCode, str]] = ..., subject: _Optional[str] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., upstream_code: _Optional[str] = ..., upstream_sub_code: _Optional[str] = ..., upstream_message: _Optional[str] = ..., meaning: _Optional[_Union[BilingualText, _Mapping]] = ..., remedy: _Optional[_Union[BilingualText, _Mapping]] = ..., clock_offset: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., round_trip: _Optional[_Union[_duration_pb2.Duration, _Mapping]] = ..., upstream_qps: _Optional[float] = ..., upstream_daily: _Optional[int] = ..., account: _Optional[str] = ..., last_push_time: _Optional[_Union[_timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class KeywordTranslation(_message.Message):
    __slots__ = ["common_goods", "keyword", "reason", "translated_at_least", "translated_goods", "translated_total", "written_at_least", "written_goods", "written_total"]
    COMMON_GOODS_FIELD_NUMBER: _ClassVar[int]
    KEYWORD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_GOODS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_GOODS_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_TOTAL_FIELD_NUMBER: _ClassVar[int]
    common_goods: int
    keyword: str
    reason: _error_reason_pb2.ErrorReason
    translated_at_least: bool
    translated_goods: int
    translated_total: int
    written_at_least: bool
    written_goods: int
    written_total: int
    def __init__(self, keyword: _Optional[str] = ..., translated_total: _Optional[int] = ..., written_total: _Optional[int] = ..., translated_goods: _Optional[int] = ..., written_goods: _Optional[int] = ..., common_goods: _Optional[int] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., translated_at_least: bool = ..., written_at_least: bool = ...) -> None: ...

class TranslationComparison(_message.Message):
    __slots__ = ["conclusion", "keywords", "offered", "upstream_calls"]
    CONCLUSION_FIELD_NUMBER: _ClassVar[int]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    UPSTREAM_CALLS_FIELD_NUMBER: _ClassVar[int]
    conclusion: BilingualText
    keywords: _containers.RepeatedCompositeFieldContainer[KeywordTranslation]
    offered: bool
    upstream_calls: int
    def __init__(self, offered: bool = ..., keywords: _Optional[_Iterable[_Union[KeywordTranslation, _Mapping]]] = ..., conclusion: _Optional[_Union[BilingualText, _Mapping]] = ..., upstream_calls: _Optional[int] = ...) -> None: ...

class DiagnosisCheck(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class DiagnosisVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []

class DiagnosisCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = []
