"""Searches, and reads why a search was refused, with code made from the bundle: client.py CODE ADDRESS."""
import sys

sys.path.insert(0, sys.argv[1])

import grpc
from google.rpc import error_details_pb2, status_pb2
from zhaohuo.v1.keyword_search_pb2 import KeywordSearchRequest, KeywordSearchResponse

with grpc.insecure_channel(sys.argv[2]) as channel:
    search = channel.unary_unary(
        "/zhaohuo.v1.SearchService/KeywordSearch",
        request_serializer=KeywordSearchRequest.SerializeToString,
        response_deserializer=KeywordSearchResponse.FromString,
    )
    answer = search(KeywordSearchRequest(keyword="手机壳"), timeout=300)
    print("goods" if answer.products and answer.products[0].title else "nothing")
    try:
        search(KeywordSearchRequest(keyword="手机壳", page_size=-1), timeout=300)
    except grpc.RpcError as error:
        status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in status.details:
            detail.Unpack(info)
            detail.Unpack(bad)
        print(info.reason, bad.field_violations[0].field)
