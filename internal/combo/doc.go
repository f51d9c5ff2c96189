// Package combo is the strategies that combine keyword and image searches: what a buyer would do by hand with several
// searches, with evidence for each claim.
//
// A strategy is a function that uses the interfaces declared here ([Ports]). It decides what to ask, within a budget of
// upstream calls that is divided before the first call, and interprets the answers. Equal requests and equal upstream
// answers give equal answers, except meta. It does not resolve the caller's image, fetches nothing itself, and knows
// neither dialects nor how images are compared.
package combo
