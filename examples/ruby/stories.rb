#!/usr/bin/env ruby
# frozen_string_literal: true

# Five stories with code that protoc makes: see examples/README.md.
#
#   examples/ruby/run.sh photo.jpg

require "grpc"
require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "zhaohuo/v1/search_service_services_pb"
require "zhaohuo/v1/combo_service_services_pb"

V1 = Zhaohuo::V1
ADDRESS = ENV.fetch("ZHAOHUO_GRPC_ADDR", "127.0.0.1:9090")
METADATA = ENV["ZHAOHUO_API_KEY"].to_s.empty? ? {} : { "authorization" => "Bearer #{ENV["ZHAOHUO_API_KEY"]}" }

def stub(service)
  service::Stub.new(ADDRESS, :this_channel_is_insecure, timeout: 60)
end

SEARCH = stub(V1::SearchService)

def keyword
  request = V1::KeywordSearchRequest.new(keyword: "蓝牙耳机", page_size: 5)
  SEARCH.keyword_search(request, metadata: METADATA).products.map(&:id)
end

# The photo is read while it is sent.
def photo(path)
  requests = Enumerator.new do |to|
    to << V1::UploadImageSearchRequest.new(options: V1::ImageSearchOptions.new(page_size: 5))
    File.open(path, "rb") do |file|
      while (chunk = file.read(64 << 10))
        to << V1::UploadImageSearchRequest.new(chunk: chunk)
      end
    end
  end
  SEARCH.upload_image_search(requests, metadata: METADATA).response.products.map(&:id)
end

# Leaves the stream after the first page, and goes on where it left.
def batch
  request = V1::BatchKeywordSearchRequest.new(keywords: %w[蓝牙耳机 手机壳 保温杯], page_size: 3)
  found = {}
  note = lambda do |result|
    raise "a page came twice" if found.key?(result.keyword)

    found[result.keyword] = result.response.products.map(&:id)
  end
  call = SEARCH.batch_keyword_search(request, metadata: METADATA, return_op: true)
  call.execute.each do |answer|
    next unless answer.event == :result

    note.call(answer.result)
    request.resume_token = answer.resume_token
    break
  end
  call.cancel
  SEARCH.batch_keyword_search(request, metadata: METADATA).each do |answer|
    note.call(answer.result) if answer.event == :result
  end
  request.keywords.flat_map { |word| found[word] }
end

# An error has its reason in one of its details, and the wrong fields in another.
def error
  SEARCH.keyword_search(V1::KeywordSearchRequest.new(keyword: " "), metadata: METADATA)
  ["no error"]
rescue GRPC::BadStatus => e
  details = e.to_rpc_status.details
  info = details.find { |detail| detail.is(Google::Rpc::ErrorInfo) }.unpack(Google::Rpc::ErrorInfo)
  wrong = details.find { |detail| detail.is(Google::Rpc::BadRequest) }.unpack(Google::Rpc::BadRequest)
  wrong.field_violations.map { |violation| "#{info.reason} #{violation.field}" }
end

def strategy
  request = V1::ComparePricesRequest.new(keyword: "蓝牙耳机", quantity: 10)
  stub(V1::ComboService).compare_prices(request, metadata: METADATA).similar.offers.first(5).map { |offer| offer.product.id }
end

{ keyword: keyword, photo: photo(ARGV.fetch(0)), batch: batch, error: error, strategy: strategy }.each do |heading, lines|
  puts "# #{heading}", lines
end
