package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// comments holds the contract's comments on messages, fields, enums and RPCs, by full name. Linked descriptors have none.
type comments map[protoreflect.FullName]string

// readComments reads an image that was built with source info.
func readComments(path string) (comments, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{}
	if err := proto.Unmarshal(data, set); err != nil {
		return nil, fmt.Errorf("%s is no image: %w", path, err)
	}
	files, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	all := comments{}
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		all.addMessages(file.Messages())
		all.addEnums(file.Enums())
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			all.add(service)
			for j := range service.Methods().Len() {
				all.add(service.Methods().Get(j))
			}
		}
		return true
	})
	if all["zhaohuo.v1.SearchService"] == "" {
		return nil, fmt.Errorf("%s has no comments of the contract", path)
	}
	return all, nil
}

func (c comments) addMessages(messages protoreflect.MessageDescriptors) {
	for i := range messages.Len() {
		message := messages.Get(i)
		c.add(message)
		for j := range message.Fields().Len() {
			c.add(message.Fields().Get(j))
		}
		c.addMessages(message.Messages())
		c.addEnums(message.Enums())
	}
}

func (c comments) addEnums(enums protoreflect.EnumDescriptors) {
	for i := range enums.Len() {
		c.add(enums.Get(i))
		for j := range enums.Get(i).Values().Len() {
			c.add(enums.Get(i).Values().Get(j))
		}
	}
}

func (c comments) add(d protoreflect.Descriptor) {
	text := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	// A line break does not end a sentence. An empty line ends a paragraph.
	paragraphs := strings.Split(strings.Join(lines, "\n"), "\n\n")
	for i, paragraph := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(paragraph, "\n", " ")
	}
	c[d.FullName()] = strings.Join(paragraphs, "\n\n")
}

var fieldName = regexp.MustCompile("`[a-z]+(?:_[a-z]+)+`")

// of returns the comment, with field names as in JSON.
func (c comments) of(d protoreflect.Descriptor) string {
	return fieldName.ReplaceAllStringFunc(c[d.FullName()], func(name string) string {
		words := strings.Split(name, "_")
		for i, word := range words[1:] {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
		return strings.Join(words, "")
	})
}

// firstSentence returns the first sentence of a comment, without the full stop.
func firstSentence(text string) string {
	end := strings.Index(text, ". ")
	if paragraph := strings.Index(text, "\n"); paragraph >= 0 && (end < 0 || paragraph < end) {
		end = paragraph
	}
	if end >= 0 {
		text = text[:end]
	}
	return strings.TrimSuffix(text, ".")
}
