// Package combo is strategies of words and pictures together: what a buyer would do by hand with several searches, with
// evidence for each claim.
//
// A strategy is a function over interfaces declared here ([Ports]). It decides what is asked, within a budget of upstream
// calls that is allotted before anything is asked, and what the answers mean; equal requests and equal upstream answers
// make equal answers but for meta. It resolves no caller's picture, fetches nothing itself, and knows neither dialects
// nor how pictures are compared.
package combo
