// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Proposal.h"
#include "studio/document/Document.h"

#include <map>
#include <memory>
#include <set>

namespace masque {

template <typename T>
class Inbox;

/// What of the models' proposals is still to be looked at, in the whole dataset: where they differ from the labels,
/// region by region, the current image's at hand. Decisions become edits of the Document; a proposal's file is only
/// read. Images come in the order of their greatest region (size times confidence).
class ReviewQueue : public QObject {
    Q_OBJECT
public:
    ReviewQueue(Document &document, JobRunner &jobs, QObject *parent = nullptr);
    ~ReviewQueue() override;

    /// Reads all proposals of the dataset again; items: only theirs, as they come from a prediction.
    void scan();
    void scan(const std::vector<int> &items);
    bool isScanning() const { return !m_scans.empty(); }
    int imagesLeft() const;  ///< with regions that nobody decided on
    int regionsLeft() const; ///< of those that were counted so far
    bool hasProposal(int item) const { return m_images.contains(item); }
    int imagesProposed() const { return static_cast<int>(m_images.size()); } ///< with a proposal, decided or not

    // The current image.
    std::shared_ptr<const Proposal> proposal() const { return m_proposal; } ///< null: none, or not read yet
    const std::vector<Disagreement> &regions() const { return m_regions; }
    int current() const { return m_current; } ///< a region; -1: none
    const Disagreement *currentRegion() const;
    void setCurrent(int region);

    // Decisions on the current region; then the next one is current, in the next image if need be. The last one of an
    // image marks it as reviewed.
    void accept();
    void keep();
    void step(int direction); ///< on to another one, nothing decided
    // On the current image.
    void acceptImage();
    void rejectImage();
    void acceptClass(const QString &name); ///< where the model proposes it
    /// Takes every region of every image that the model is at least this sure of (0..1), in jobs.
    void acceptAbove(double confidence);
    bool isAccepting() const { return m_isAccepting; }

    const TakeOptions &taking() const { return m_taking; }
    void setTaking(const TakeOptions &taking);

Q_SIGNALS:
    void changed();        ///< counts or regions
    void currentChanged(); ///< another region is to be looked at
    void takingChanged();
    void message(const QString &text);

private:
    struct Waiting {
        int regions = -1; ///< -1: not counted yet
        double best = 0;  ///< the greatest score
    };
    /// What a scan says of one item.
    struct Found {
        int item = -1;
        bool isThere = true; ///< it has a proposal
        int regions = -1;
        double best = 0;
    };
    void takeChange(const ChangeEvent &event);
    void takeFound(const std::vector<Found> &found);
    void readProposal();
    void compare();
    void setRegions(std::vector<Disagreement> regions);
    void decide(Edit edit, const QString &whyNot);
    void decideImage(std::function<Edit(const Annotation &)> make);
    void toNextImage();
    void note(); ///< the current image's count
    PaintRules rules() const;

    Document &m_document;
    JobRunner &m_jobs;
    std::map<int, Waiting> m_images; ///< by item: those that have a proposal
    std::set<int> m_seen;            ///< images that the user went on from, until all were seen
    std::shared_ptr<const Proposal> m_proposal;
    std::vector<Disagreement> m_regions;
    int m_current = -1;
    TakeOptions m_taking;
    quint64 m_generation = 0;  ///< of the dataset
    quint64 m_imageNumber = 0; ///< of the current image; late results of another are dropped
    quint64 m_revision = 0;    ///< of its annotation, likewise
    quint64 m_listNumber = 0;  ///< of m_regions
    std::map<JobId, std::shared_ptr<Inbox<Found>>> m_scans;
    bool m_isAccepting = false, m_isFresh = true; ///< fresh: the image's regions were not shown yet
};

} // namespace masque
