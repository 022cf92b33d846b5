// SPDX-License-Identifier: Apache-2.0
// What is wrong with an answer whose status is OK. A server that is fast because it mixes up connections is not fast, so each
// rule has a name of its own in the report.

internal import CatenaNSM

/// A rule of the API that an answer to a Request breaks.
enum AnswerFault: String {
    case unreadable = "unreadable answer"
    case wrongID = "wrong id"
    /// The path does not begin with the client's segment, or its index no longer points there.
    case wrongPath = "wrong path"
    case lostSegments = "lost segments"

    /// - Parameters:
    ///   - id: of the connection, at the client and so in the client's segment.
    ///   - segmentCount: how many segments the Request had.
    /// - Returns: nil when the answer is as it should be.
    static func find(in answer: Message, id: String, segmentName: String, segmentCount: Int) -> AnswerFault? {
        guard answer.text(.id) == id else { return .wrongID }
        guard let segment = answer.segment(0), segment.name == segmentName, segment.id == id, answer.number(.pathIndex) == 0 else {
            return .wrongPath
        }
        return answer.segmentCount < segmentCount ? .lostSegments : nil
    }
}
