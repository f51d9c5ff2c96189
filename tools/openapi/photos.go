package main

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// upload describes the route of UploadImageSearch, whose body is a form or a picture.
func (b *builder) upload() (operation, error) {
	rpc := searchRPC("UploadImageSearch")
	text := b.comments.of(rpc)
	op := operation{
		OperationID: lowerFirst(string(rpc.Name())), Tags: []string{string(rpc.Parent().Name())},
		Summary: "Searches goods by an image that is sent in", Description: text,
	}
	options := (&zhaohuov1.ImageSearchOptions{}).ProtoReflect().Descriptor()
	parameters, err := b.parameters(options, nil, exampleOf(rpc))
	if err != nil {
		return op, err
	}
	op.Parameters = append(parameters, commonParameters()...)
	op.RequestBody = uploadBody(parameters)
	answer, err := b.answer(rpc)
	op.Responses = responses(answer, statuses(true, false))
	return op, err
}

// uploadBody describes a form with the fields of the query, or the picture alone.
func uploadBody(options []parameter) *body {
	picture := &schema{Type: "string", ContentMediaType: "application/octet-stream"}
	form := object("The fields, then the image, which must come last.", []string{"image"})
	for _, option := range options {
		field := *option.Schema
		field.Description = option.Description
		form.Properties = append(form.Properties, property{option.Name, &field})
	}
	form.Properties = append(form.Properties, property{"image", &schema{
		Type: "string", ContentMediaType: "application/octet-stream",
		Description: "The image. If exactly one part is a file, it is used as the image, whatever its field name.",
	}})
	return &body{
		Required:    true,
		Description: "A form, or the image as it is. What is asked beside the image stands in the query, or in the form before the image.",
		Content: map[string]media{
			"multipart/form-data":      {Schema: form, Encoding: map[string]encoding{"image": {ContentType: "image/*, application/octet-stream"}}},
			"image/*":                  {Schema: picture},
			"application/octet-stream": {Schema: picture},
		},
	}
}

// batch describes the route of BatchImageSearch, for pictures given by URL or id.
func (b *builder) batch() (operation, error) {
	rpc := searchRPC("BatchImageSearch")
	op := operation{
		OperationID: lowerFirst(string(rpc.Name())), Tags: []string{string(rpc.Parent().Name())},
		Summary: "Searches by many images that are named by address or id", Description: b.comments.of(rpc),
		Parameters: commonParameters(),
	}
	message := (&zhaohuov1.BatchImageSearchBody{}).ProtoReflect().Descriptor()
	content, err := b.jsonBody(message, nil, exampleOf(rpc))
	if err != nil {
		return op, err
	}
	op.RequestBody = content
	answer, err := b.answer(rpc)
	op.Responses = responses(answer, statuses(true, false))
	return op, err
}

func searchRPC(name protoreflect.Name) protoreflect.MethodDescriptor {
	return zhaohuov1.File_zhaohuo_v1_search_service_proto.Services().ByName("SearchService").Methods().ByName(name)
}
